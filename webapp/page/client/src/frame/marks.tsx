// The small signs of the bars, drawn in the colour of their text.
import type { ComponentChildren } from "preact";

function Mark({ children }: { children: ComponentChildren }) {
  return (
    <svg class="mark" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const SearchMark = () => (
  <Mark>
    <circle cx="9" cy="9" r="5.5" />
    <path d="m13.2 13.2 4.3 4.3" />
  </Mark>
);
export const MineMark = () => (
  <Mark>
    <circle cx="10" cy="6.5" r="3.5" />
    <path d="M3.5 17.5c.6-4 3-5.5 6.5-5.5s5.9 1.5 6.5 5.5" />
  </Mark>
);
export const GroupMark = () => (
  <Mark>
    <circle cx="7.5" cy="7" r="3" />
    <path d="M2 16.5c.5-3.5 2.5-4.8 5.5-4.8s5 1.3 5.5 4.8M13 4.3a3 3 0 0 1 0 5.4M15 12.2c1.7.6 2.7 2 3 4.3" />
  </Mark>
);
export const StartMark = () => (
  <Mark>
    <path d="M10 3.5v13M3.5 10h13" />
  </Mark>
);
export const MoreMark = () => (
  <Mark>
    <path d="M3.5 5.5h13M3.5 10h13M3.5 14.5h13" />
  </Mark>
);
