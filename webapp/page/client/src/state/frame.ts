// Does something once before the screen is drawn next, however often it is asked for.

// A page in the background is not drawn at all.
const AT_LATEST = 100;

export class Frame {
  private drawn = 0;
  private late: ReturnType<typeof setTimeout> | undefined;

  ask(run: () => void): void {
    if (this.late !== undefined) return;
    const now = () => {
      this.cancel();
      run();
    };
    this.late = setTimeout(now, AT_LATEST);
    this.drawn = requestAnimationFrame(now);
  }

  cancel(): void {
    if (this.late === undefined) return;
    clearTimeout(this.late);
    cancelAnimationFrame(this.drawn);
    this.late = undefined;
  }
}
