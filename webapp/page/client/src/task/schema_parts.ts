// The parts of a JSON Schema: the engine has looked at it, references lead to what stands in it.
import type { Json } from "../api/shapes.ts";

export type Part = { [name: string]: Json };

export const isPart = (part: Json | undefined): part is Part =>
  typeof part === "object" && part !== null && !Array.isArray(part);

/** A part, or what it refers to, with what is told beside the reference. */
export function resolved(root: Part, part: Json | undefined): Part {
  if (!isPart(part)) return {};
  if (typeof part.$ref !== "string") return part;
  const { $ref, ...told } = part;
  return { ...resolved(root, at(root, namesIn($ref))), ...told };
}

/** What stands at the end of a way through the schema, on which references are followed. */
export function partAt(root: Part, way: string[]): Json | undefined {
  return way.reduce<Json | undefined>((part, name) => {
    const within = (part as Part | undefined)?.[name];
    return name === "$ref" && typeof within === "string" ? at(root, namesIn(within)) : within;
  }, root);
}

/** By name, what the parts that speak of the same object say of its properties, whichever of them counts. */
export function propertiesOf(root: Part, object: Part = root): Map<string, Part[]> {
  const found = new Map<string, Part[]>();
  const look = (part: Json | undefined) => {
    const own = resolved(root, part);
    for (const [name, said] of Object.entries(isPart(own.properties) ? own.properties : {}))
      found.set(name, [...(found.get(name) ?? []), resolved(root, said)]);
    for (const name of BESIDE) [own[name] ?? []].flat().forEach(look);
    for (const name of DEPENDING) Object.values(isPart(own[name]) ? own[name] : {}).forEach(look);
  };
  look(object);
  return found;
}

/** A choice of constants says its type by them; who draws it wants to be told. */
export function withTypes(part: Json): Json {
  if (Array.isArray(part)) return part.map(withTypes);
  if (!isPart(part)) return part;
  const typed = Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, withTypes(inner)]));
  const kinds = new Set(Array.isArray(part.oneOf) ? part.oneOf.map((one) => typeof (one as Part)?.const) : []);
  const [kind] = kinds;
  return !part.type && kinds.size === 1 && kind !== "undefined" ? { ...typed, type: kind! } : typed;
}

const BESIDE = ["allOf", "anyOf", "oneOf", "if", "then", "else"];
const DEPENDING = ["dependentSchemas", "dependencies"];

export const namesIn = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((name) => decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~"));

const at = (root: Part, names: string[]): Json | undefined =>
  names.reduce<Json | undefined>((part, name) => (part as Part | undefined)?.[name], root);
