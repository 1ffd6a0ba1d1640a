// The end of what has been read: comes near, and more is read.
import { useEffect, useRef, useState } from "preact/hooks";
import { list } from "../state/lists.ts";
import { t } from "../words/words.ts";

const NEAR = "1200px";

export function More() {
  const own = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const many = list.tasks.value.length;
  const read = async () => setFailed(!(await list.readMore()) && list.hasMore.peek());
  // Watched anew with every page: a short one may not have moved the end out of sight.
  useEffect(() => {
    if (!own.current || failed || !many) return;
    const watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && void read(), {
      root: own.current.closest(".rows"),
      rootMargin: NEAR,
    });
    watcher.observe(own.current);
    return () => watcher.disconnect();
  }, [many, failed]);
  if (!list.hasMore.value) return null;
  return (
    <div ref={own} class="more">
      <button type="button" class="plain" onClick={read}>
        {t("list.more")}
      </button>
    </div>
  );
}
