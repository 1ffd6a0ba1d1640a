// Whether something is on the screen: what is not is not asked for.
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Follows an element; with `once`, what has been seen stays so. */
export function useOnScreen(of: RefObject<Element | null>, once = false): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const watch = new IntersectionObserver((found) => {
      const now = found.some((one) => one.isIntersecting);
      setSeen((before) => now || (once && before));
    });
    if (of.current) watch.observe(of.current);
    return () => watch.disconnect();
  }, []);
  return isSeen;
}
