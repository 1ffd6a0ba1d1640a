// A text of which four lines are shown until one wants more.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../words/words.ts";

const SURELY_SHORT = 60;

export function LongText({ text }: { text: string }) {
  return text.length <= SURELY_SHORT && !text.includes("\n") ? <span dir="auto">{text}</span> : <Clamped text={text} />;
}

function Clamped({ text }: { text: string }) {
  const own = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [isLong, setLong] = useState(false);
  useLayoutEffect(() => {
    const element = own.current!;
    const look = () => {
      if (element.classList.contains("clamped")) setLong(element.scrollHeight > element.clientHeight + 1);
    };
    const watch = new ResizeObserver(look);
    watch.observe(element);
    return () => watch.disconnect();
  }, [text]);
  return (
    <>
      <div ref={own} class={isOpen ? "long" : "long clamped"} dir="auto">
        {text}
      </div>
      {isLong && (
        <button type="button" class="more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? "tree.less" : "tree.more")}
        </button>
      )}
    </>
  );
}
