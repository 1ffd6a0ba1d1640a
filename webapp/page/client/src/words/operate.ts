// The operator's page.
import type { Text } from "./words.ts";

export const en = {};

export const de: Record<keyof typeof en, Text> = {};
