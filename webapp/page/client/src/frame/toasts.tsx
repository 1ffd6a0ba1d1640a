// The short messages in the corner.
import { dismiss, toasts } from "../state/toasts.ts";
import { t } from "../words/words.ts";
import "./toasts.css";

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((one) => (
        <p key={one.number} class={`toast ${one.kind}`}>
          {one.text}
          {one.more && (
            <button
              type="button"
              class="plain"
              onClick={() => {
                dismiss(one.number);
                one.more?.run();
              }}
            >
              {t(one.more.label)}
            </button>
          )}
        </p>
      ))}
    </div>
  );
}
