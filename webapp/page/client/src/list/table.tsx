// Tasks as a dense table.
import { Cards } from "./cards.tsx";

export const Table = Cards;
