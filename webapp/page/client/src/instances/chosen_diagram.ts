// Which of the pictures in a file is that of a process.

export interface ReadDiagram {
  id: string;
  plane?: { bpmnElement?: { id: string; participants?: { processRef?: { id: string } }[] } };
}

/** The process's own, or one of a collaboration it takes part in; else the first. */
export function diagramOf(diagrams: readonly ReadDiagram[], process: string | null): ReadDiagram | undefined {
  const shows = ({ plane }: ReadDiagram) =>
    plane?.bpmnElement?.id === process ||
    plane?.bpmnElement?.participants?.some((one) => one.processRef?.id === process) === true;
  return diagrams.find(shows) ?? diagrams[0];
}
