// Draws a model with bpmn-js: fetched when the first picture is shown.
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { diagramOf, type ReadDiagram } from "./chosen_diagram.ts";

export interface Mark {
  element: string;
  kind: "is-here" | "has-stopped" | "is-own";
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface Canvas {
  viewbox(box?: Box): Box & { inner: Box; scale: number };
  zoom(to?: number, center?: { x: number; y: number } | "auto"): number;
  scroll(by: { dx: number; dy: number }): void;
  resized(): void;
  addMarker(element: string, name: string): void;
  removeMarker(element: string, name: string): void;
}
interface Element {
  id: string;
  parent?: Element;
}
interface Registry {
  get(id: string): Element | undefined;
}

/** Nothing in the model is drawn. */
export class NoPicture extends Error {
  override readonly name = "NoPicture";
}

const PAD = 16;
/** Where the watermark stands nothing is drawn. */
const FOOT = 34;
const STEP = 1.25;
const LEAST = 0.2;
const MOST = 3;

/** One picture in an element of the page. */
export class Drawing {
  private readonly viewer: NavigatedViewer;
  private marks: Mark[] = [];

  constructor(container: HTMLElement) {
    this.viewer = new NavigatedViewer({
      container,
      // The wheel moves the page, not the picture.
      zoomScroll: { enabled: false },
      bpmnRenderer: {
        defaultFillColor: "var(--surface)",
        defaultStrokeColor: "var(--ink)",
        defaultLabelColor: "var(--ink)",
      },
    } as object);
  }

  /** Draws this process of the model; raises `NoPicture`. */
  async show(xml: string, process: string | null): Promise<void> {
    // What is read without a picture raises as well: the definitions say whether there is one.
    const failed = await this.viewer.importXML(xml).then(
      () => null,
      (error: Error) => error,
    );
    const diagrams: ReadDiagram[] =
      (this.viewer.getDefinitions() as { diagrams?: ReadDiagram[] } | undefined)?.diagrams ?? [];
    if (!diagrams.length) throw this.viewer.getDefinitions() ? new NoPicture() : (failed ?? new NoPicture());
    if (failed) throw failed;
    const chosen = diagramOf(diagrams, process);
    if (chosen && chosen !== diagrams[0]) await this.viewer.open(chosen.id);
    // The words beside it say the same in order; what is drawn would be read as a heap of names.
    const svg = this.canvasElement;
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("tabindex", "-1");
  }

  mark(marks: Mark[]): void {
    const registry = this.viewer.get<Registry>("elementRegistry");
    for (const { element, kind } of this.marks) if (registry.get(element)) this.canvas.removeMarker(element, kind);
    this.marks = marks.flatMap((one) => {
      const shown = shownFor(registry, one.element);
      return shown ? [{ ...one, element: shown }] : [];
    });
    for (const { element, kind } of this.marks) this.canvas.addMarker(element, kind);
  }

  /** How high all of it is at this width, never larger than drawn. */
  heightFor(width: number): number {
    const { inner } = this.canvas.viewbox();
    const scale = Math.min(1, width / (inner.width + 2 * PAD));
    return Math.ceil((inner.height + 2 * PAD) * scale) + FOOT;
  }

  fit(): void {
    this.canvas.resized();
    const { clientWidth: width, clientHeight: height } = this.canvasElement;
    if (!width || !height) return;
    const { inner } = this.canvas.viewbox();
    const scale = Math.min(1, width / (inner.width + 2 * PAD), (height - FOOT) / (inner.height + 2 * PAD));
    this.canvas.viewbox({
      x: inner.x - (width / scale - inner.width) / 2,
      y: inner.y - ((height - FOOT) / scale - inner.height) / 2,
      width: width / scale,
      height: height / scale,
    });
  }

  zoom(direction: 1 | -1): void {
    const next = this.canvas.zoom() * (direction > 0 ? STEP : 1 / STEP);
    this.canvas.zoom(Math.min(MOST, Math.max(LEAST, next)), "auto");
  }

  move(dx: number, dy: number): void {
    this.canvas.scroll({ dx, dy });
  }

  destroy(): void {
    this.viewer.destroy();
  }

  private get canvas(): Canvas {
    return this.viewer.get<Canvas>("canvas");
  }

  private get canvasElement(): SVGSVGElement {
    return (this.viewer as unknown as { _container: HTMLElement })._container.querySelector(".djs-container > svg")!;
  }
}

// Within a part that is drawn folded, the part itself is what one sees.
function shownFor(registry: Registry, id: string): string | null {
  const found = registry.get(id);
  if (!found) return null;
  let root: Element = found;
  while (root.parent) root = root.parent;
  const folded = root.id.endsWith("_plane") ? root.id.slice(0, -"_plane".length) : null;
  return folded && registry.get(folded) ? shownFor(registry, folded) : id;
}
