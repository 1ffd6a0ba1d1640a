// What is wrong, as react-jsonschema-form has it.
import type { Wrong } from "./viewing.ts";

interface Tree {
  [name: string]: Tree | string[];
}

/** An object in an object for each step of the way, whatever names there are on it. */
export function treeOf(wrong: Wrong): Tree {
  const tree = none();
  for (const [path, message] of Object.entries(wrong)) {
    const names = path ? path.split(".") : [];
    // Whoever copies the tree would take it for what all objects have.
    if (names.includes("__proto__")) continue;
    let node = tree;
    for (const name of names) {
      node[name] ??= none();
      node = node[name] as Tree;
    }
    node.__errors = [message];
  }
  return tree;
}

const none = (): Tree => Object.create(null);
