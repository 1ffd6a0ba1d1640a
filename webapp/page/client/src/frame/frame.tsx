// The whole page: the bar, the lists at the left, what is listed in the middle, what is opened at the right.
import { Fragment } from "preact";
import { List } from "../list/list.tsx";
import { Operate } from "../operate/operate.tsx";
import { Sidebar } from "../sidebar/sidebar.tsx";
import { dialog } from "../state/dialogs.ts";
import { isOfTasks, opened, tab } from "../state/place.ts";
import { TaskPane } from "../task/pane.tsx";
import { t } from "../words/words.ts";
import { Beside, BesidePane } from "../workpieces/beside.tsx";
import { BottomBar } from "./bottom_bar.tsx";
import { Header } from "./header.tsx";
import { Palette } from "./palette.tsx";
import { Toasts } from "./toasts.tsx";
import { Tour } from "./tour.tsx";
import "./frame.css";

export function Frame() {
  return (
    <>
      <a class="skip" href="#list">
        {t("app.skip")}
      </a>
      <Header />
      <div class={`work${opened.value ? " with-task" : ""}`}>
        <Sidebar />
        <Main />
      </div>
      <BottomBar />
      <Tour />
      <Toasts />
      <Palette />
      {dialog.value && <Fragment key={dialog.value.nth}>{dialog.value.draw()}</Fragment>}
    </>
  );
}

function Main() {
  if (tab.value === "operate")
    return (
      <main class="whole">
        <Operate />
      </main>
    );
  return (
    <main class="listed">
      {isOfTasks.value ? <List /> : <Beside />}
      {isOfTasks.value ? <TaskPane /> : <BesidePane />}
    </main>
  );
}
