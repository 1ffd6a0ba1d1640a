// Which rows of a long list are drawn: those that are seen, some around them, and the one with the focus.
import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useRef, useState } from "preact/hooks";

type Options = VirtualizerOptions<Element, HTMLElement>;
type Scroller = Element | Window;

/** So few are all drawn: the browser's own search finds them. */
const FEW = 100;
const AROUND = 12;

interface Asked {
  own: RefObject<HTMLElement | null>;
  count: number;
  keyOf: (index: number) => string;
  sizeOf: (index: number) => number;
  gap?: number;
  /** Index of the row that is drawn wherever it is, or -1. */
  kept: number;
}

export interface Drawn {
  /** `before`: how much room to leave above, for those that are not drawn. */
  rows: { index: number; before: number }[];
  after: number;
  /** Where rows are as high as what is in them. */
  measure?: (node: HTMLElement | null) => void;
}

export function useRows({ own, count, keyOf, sizeOf, gap = 0, kept }: Asked): Drawn {
  const [, redraw] = useReducer((before: number) => before + 1, 0);
  const scroller = useRef<Scroller | null>(null);
  const margin = useRef(0);
  const enabled = count > FEW;
  const options = (): Options =>
    ({
      ...(scroller.current === window ? OF_WINDOW : OF_ELEMENT),
      count,
      gap,
      enabled,
      overscan: AROUND,
      scrollMargin: margin.current,
      estimateSize: sizeOf,
      getItemKey: keyOf,
      getScrollElement: () => scroller.current,
      rangeExtractor: (range) => withKept(defaultRangeExtractor(range), kept, count),
      onChange: () => redraw(0),
    }) as Options;
  const [virtual] = useState(() => new Virtualizer<Element, HTMLElement>(options()));
  virtual.setOptions(options());
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => {
    if (!own.current) return;
    const found = scrollerOf(own.current);
    const top = topIn(own.current, found);
    if (found !== scroller.current || (enabled && Math.abs(top - margin.current) > 1)) {
      scroller.current = found;
      margin.current = top;
      virtual.setOptions(options());
      if (enabled) redraw(0);
    }
    virtual._willUpdate();
  });
  if (!enabled) return { rows: Array.from({ length: count }, (_, index) => ({ index, before: 0 })), after: 0 };
  let end = margin.current;
  const rows = virtual.getVirtualItems().map((item) => {
    const before = Math.max(item.start - end - (end > margin.current ? gap : 0), 0);
    end = item.end;
    return { index: item.index, before };
  });
  return {
    rows,
    after: Math.max(virtual.getTotalSize() - (end - margin.current), 0),
    measure: virtual.measureElement,
  };
}

const OF_ELEMENT = { observeElementRect, observeElementOffset, scrollToFn: elementScroll };
const OF_WINDOW = {
  observeElementRect: observeWindowRect,
  observeElementOffset: observeWindowOffset,
  scrollToFn: windowScroll,
};

function withKept(indexes: number[], kept: number, count: number): number[] {
  if (kept < 0 || kept >= count || indexes.includes(kept)) return indexes;
  return [...indexes, kept].sort((one, other) => one - other);
}

/** What moves when the list is scrolled: the next around it that can, else the page. */
export function scrollerOf(node: Element): Scroller {
  for (let found = node.parentElement; found && found !== document.body; found = found.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(found).overflowY)) return found;
  }
  return window;
}

/** Where on the screen it begins. */
export const topOf = (scroller: Scroller): number =>
  scroller instanceof Element ? scroller.getBoundingClientRect().top : 0;

function topIn(node: Element, scroller: Scroller): number {
  const scrolled = scroller instanceof Element ? scroller.scrollTop : scroller.scrollY;
  return node.getBoundingClientRect().top - topOf(scroller) + scrolled;
}
