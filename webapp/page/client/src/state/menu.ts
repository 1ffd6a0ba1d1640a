// Whether the menu of a narrow screen is open.
import { signal } from "@preact/signals";

export const isMenuOpen = signal(false);
