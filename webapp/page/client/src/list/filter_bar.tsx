// What narrows the list: words, and filters.
import { Search } from "./search.tsx";

export function FilterBar() {
  return (
    <div class="tools">
      <Search />
    </div>
  );
}
