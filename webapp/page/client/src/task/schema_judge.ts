// What is wrong with what is filled in by a JSON Schema: judged as the engine does, which judges again.
import { dereference, type OutputUnit, type SchemaDraft, validate } from "@cfworker/json-schema";
import type { Json, Values } from "../api/shapes.ts";
import type { Wrong, WrongWord } from "./judge.ts";
import { isPart, namesIn, type Part, partAt, propertiesOf, resolved } from "./schema_parts.ts";

interface Found {
  path: string[];
  /** Where in the schema it is asked for. */
  asked: string[];
  keyword: string;
  said: string;
}

export class SchemaJudge {
  readonly root: Part;
  /** The same, so that no value takes long to judge. */
  private readonly judged: Part;
  private readonly draft: SchemaDraft;
  private readonly lookup: ReturnType<typeof dereference>;
  private readonly known = new WeakMap<object, Part>();

  constructor(schema: Part) {
    const { $schema, $id: _, uiSchema: __, ...said } = schema;
    this.draft = String($schema).includes("draft-07") ? "7" : "2020-12";
    this.root = readable(said) as Part;
    this.judged = bounded(this.root) as Part;
    const own = dereference(this.judged);
    // What is drawn are copies of parts, whose references lead nowhere else.
    this.lookup = Object.fromEntries(
      Object.entries(own).flatMap(([place, part]) => [[place, part] as const, [hashOf(place), part]]),
    );
  }

  /** By path, as `guests.0.name`: the first thing that is wrong there. */
  wrong(values: Values): Map<string, Wrong> {
    const found = new Map<string, Wrong>();
    const { errors } = validate(values, this.judged, this.draft, this.lookup, false);
    for (const one of nearest(errors.slice(0, MOST_WRONG).map(read))) {
      const path = one.path.join(".");
      if (!found.has(path)) found.set(path, wrongOf(one, partAt(this.judged, one.asked), partAt(values, one.path)));
    }
    return found;
  }

  /** Whether a value fits a part of the schema. */
  fits(part: Json, value: unknown): boolean {
    if (!isPart(part)) return part !== false;
    const own = this.known.get(part) ?? (bounded(readable(part)) as Part);
    this.known.set(part, own);
    // What is not there is no value of any type, and nothing can be missing in it.
    return validate(JSON.parse(JSON.stringify(value ?? null)), own, this.draft, this.lookup).valid;
  }

  /** Values without what says nothing: null that is no answer, and objects that may be absent and are empty, or have
   * only what the form itself has put there. */
  pruned(values: Values, isTouched = (_path: string[]) => true): Values {
    return (this.filled(values, this.root, [], isTouched) ?? {}) as Values;
  }

  private filled(value: Json | undefined, said: Part, path: string[], isTouched: Touched): Json | undefined {
    const items = resolved(this.root, said.items);
    if (Array.isArray(value))
      return value.map(
        (one, at) => this.filled(one, items, [...path, String(at)], isTouched) ?? (isPart(one) ? {} : null),
      );
    if (!isPart(value)) return value === null && !this.fits(said, null) ? undefined : value;
    const required = [said.required ?? []].flat();
    const kept = Object.entries(value).flatMap(([name, inner]) => {
      const part = resolved(this.root, partAt(said, ["properties", name]));
      const found = this.filled(inner, part, [...path, name], isTouched);
      const isNothing = !required.includes(name) && this.isNothing(found, part, isTouched([...path, name]));
      return found === undefined || isNothing ? [] : [[name, found] as const];
    });
    return Object.fromEntries(kept);
  }

  private isNothing(value: Json | undefined, said: Part, isTouched: boolean): boolean {
    if (!isPart(value)) return false;
    const names = Object.keys(value);
    if (isTouched || !names.length) return !names.length;
    const known = propertiesOf(this.root, said);
    return names.every((name) => known.get(name)?.some((one) => "const" in one && one.const === value[name]));
  }
}

type Touched = (path: string[]) => boolean;

const hashOf = (place: string): string => (place.includes("#") ? place.slice(place.indexOf("#")) : "#");

const FORMATS = ["date", "date-time", "email", "ipv4", "ipv6", "uuid"];

/** Without patterns of another dialect, and without formats that the engine does not judge either. */
function readable(part: Json): Json {
  if (Array.isArray(part)) return part.map(readable);
  if (!isPart(part)) return part;
  const kept = Object.entries(part).filter(([name, said]) => {
    if (name === "pattern" && typeof said === "string") return isPattern(said);
    return name !== "format" || typeof said !== "string" || FORMATS.includes(said);
  });
  return Object.fromEntries(
    kept.map(([name, said]) => {
      if (name === "$ref" && typeof said === "string") return [name, plainly(said)];
      return [name, name === "patternProperties" ? named(said) : readable(said)];
    }),
  );
}

/** A reference as who judges writes it, whatever of it was written with percent signs. */
function plainly(reference: string): string {
  try {
    return `#${encodeURI(decodeURIComponent(reference.slice(1))).replaceAll("#", "%23")}`;
  } catch {
    return reference;
  }
}

const named = (said: Json): Json =>
  isPart(said)
    ? Object.fromEntries(
        Object.entries(said).flatMap(([name, part]) => (isPattern(name) ? [[name, readable(part)]] : [])),
      )
    : said;

/** Characters of a text that is matched against a pattern, as at the engine, and entries that are compared here. */
const MOST_MATCHED = 200;
const MOST_COMPARED = 500;
/** More is not sorted out here. */
const MOST_WRONG = 1000;
const BEGINS = `^(?![\\s\\S]{${MOST_MATCHED + 1}})[\\s\\S]*?(?:`;
const withinBounds = (pattern: string): string => `${BEGINS}${pattern})`;

/** No long text is matched, which none fits at the engine either, nor is each entry of a long list compared with each. */
function bounded(part: Json): Json {
  if (Array.isArray(part)) return part.map(bounded);
  if (!isPart(part)) return part;
  const { uniqueItems, ...said } = Object.fromEntries(
    Object.entries(part).map(([name, inner]) => [name, boundedAs(name, inner)]),
  );
  if (uniqueItems !== true) return said;
  const compared = { if: { maxItems: MOST_COMPARED }, [THEN]: { uniqueItems } };
  return { ...said, allOf: [...((said.allOf as Json[] | undefined) ?? []), compared] };
}

const THEN = "then";
const AS_THEY_ARE = new Set(["const", "enum", "default", "examples"]);

function boundedAs(name: string, said: Json): Json {
  if (name === "pattern" && typeof said === "string") return withinBounds(said);
  if (AS_THEY_ARE.has(name)) return said;
  if (!NAMED.includes(name) || !isPart(said)) return bounded(said);
  const pattern = name === "patternProperties" ? withinBounds : String;
  return Object.fromEntries(Object.entries(said).map(([one, part]) => [pattern(one), bounded(part)]));
}

const NAMED = ["properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions"];

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text, "u"));
  } catch {
    return false;
  }
}

const MISSING = /(?:required property|does not have) "(.*)"\.$/s;

function read({ keyword, instanceLocation, keywordLocation, error }: OutputUnit): Found {
  const path = namesIn(instanceLocation);
  const missing = ASKS_FOR.has(keyword) ? MISSING.exec(error)?.[1] : undefined;
  return {
    path: missing === undefined ? path : [...path, missing],
    asked: namesIn(keywordLocation),
    keyword: missing === undefined ? keyword : "required",
    said: error,
  };
}

const ASKS_FOR = new Set(["required", "dependentRequired", "dependencies"]);

/** What is wrong itself, and not what it is wrong in; where one of several would do, with the one that fits best. */
function nearest(all: Found[]): Found[] {
  const seen = new Set<Found>();
  return all.flatMap((one) => {
    if (seen.has(one)) return [];
    if (!HAVE_WITHIN.has(one.keyword)) return one.keyword in WORDS ? [one] : [];
    const branches = new Map<string, Found[]>();
    for (const inner of all) {
      if (inner === one || !begins(inner.asked, one.asked) || !begins(inner.path, one.path)) continue;
      seen.add(inner);
      const branch = inner.asked[one.asked.length]!;
      branches.set(branch, [...(branches.get(branch) ?? []), inner]);
    }
    const [best] = [...branches.values()].map(nearest).sort((first, second) => first.length - second.length);
    const isNone = one.keyword === "anyOf" || one.said.includes("(0 matches)");
    return isNone && best?.some(({ path }) => path.length > one.path.length) ? best : [one];
  });
}

const HAVE_WITHIN = new Set(["anyOf", "oneOf", "contains"]);

const begins = (way: string[], first: string[]): boolean => first.every((name, at) => way[at] === name);

const WORDS: Record<string, WrongWord> = {
  required: "wrong.required",
  false: "wrong.unasked",
  type: "wrong.unfit",
  enum: "wrong.one_of",
  const: "wrong.one_of",
  minimum: "wrong.least",
  maximum: "wrong.most",
  exclusiveMinimum: "wrong.more",
  exclusiveMaximum: "wrong.less",
  multipleOf: "wrong.multiple",
  minLength: "wrong.shortest",
  maxLength: "wrong.longest",
  pattern: "wrong.pattern",
  format: "wrong.format",
  minItems: "wrong.fewest",
  maxItems: "wrong.too_many",
  minProperties: "wrong.fewest",
  maxProperties: "wrong.too_many",
  uniqueItems: "wrong.twice",
  not: "wrong.unfit",
  anyOf: "wrong.unfit",
  oneOf: "wrong.unfit",
  contains: "wrong.unfit",
  minContains: "wrong.unfit",
  maxContains: "wrong.unfit",
};
const TYPES: Record<string, WrongWord> = {
  string: "wrong.text",
  integer: "wrong.whole",
  number: "wrong.number",
  boolean: "wrong.boolean",
  array: "wrong.list",
};

function wrongOf({ keyword }: Found, asked: Json | undefined, value: Json | undefined): Wrong {
  if (keyword === "pattern" && [...String(value)].length > MOST_MATCHED)
    return { word: "wrong.longest", values: { n: MOST_MATCHED } };
  if (keyword === "pattern") return { word: "wrong.pattern", values: { n: String(asked).slice(BEGINS.length, -1) } };
  const n = [asked ?? ""].flat().map(String).join(", ");
  if (keyword === "format" && asked === "date") return { word: "wrong.date" };
  const [type, other] = [asked ?? []].flat().filter((one) => one !== "null");
  if (keyword === "type") return { word: (!other && TYPES[String(type)]) || "wrong.unfit" };
  return { word: WORDS[keyword]!, values: { n: typeof asked === "number" ? asked : n } };
}
