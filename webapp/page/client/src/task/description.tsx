// What the task says of itself.
export function Description({ text }: { text: string | null }) {
  return text ? (
    <p class="about" dir="auto">
      {text}
    </p>
  ) : null;
}
