// Saved filters at the left: one's own, to be changed, and those that others share.
import type { SavedFilter } from "../api/shapes.ts";
import { ColorDot } from "../filters/color_dot.tsx";
import { goTo, place } from "../state/place.ts";
import { ownFilters, sharedFilters } from "../state/saved_filters.ts";
import { t } from "../words/words.ts";
import { Count, Link } from "./link.tsx";

// Fetched when it is needed.
const openChange = async (id: string) => (await import("./change_dialog.tsx")).openChange(id);

export function Saved() {
  return (
    <>
      <Several heading={t("saved.heading")} filters={ownFilters.value} />
      <Several heading={t("saved.shared")} filters={sharedFilters.value} />
    </>
  );
}

function Several({ heading, filters }: { heading: string; filters: SavedFilter[] }) {
  if (!filters.length) return null;
  return (
    <>
      <h2>{heading}</h2>
      <ul aria-label={heading}>
        {filters.map((one) => (
          <li key={one.id} class="saved">
            <Link
              to={`?tab=saved&saved=${encodeURIComponent(one.id)}`}
              current={place.value.saved === one.id}
              go={() => goTo("saved", { saved: one.id })}
              title={titleOf(one)}
            >
              <ColorDot of={one} />
              <span class="name" dir="auto">
                {one.name}
              </span>
              <Count counted={one} />
            </Link>
            {one.own && (
              <button
                type="button"
                class="plain change"
                data-saved={one.id}
                aria-label={t("saved.change_of", { name: one.name })}
                title={t("saved.change_of", { name: one.name })}
                onClick={() => openChange(one.id)}
              >
                ⋯
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

const titleOf = (one: SavedFilter): string => [whose(one), one.description].filter(Boolean).join("\n");

function whose({ name, own, user, groups }: SavedFilter): string {
  if (!own) return t("saved.by", { name, who: user });
  return groups.length ? t("saved.with", { name, groups: groups.join(", ") }) : name;
}
