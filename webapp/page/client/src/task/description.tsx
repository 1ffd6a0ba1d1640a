// What the task says of itself, in Markdown.
import { useEffect, useState } from "preact/hooks";
import "./description.css";

const LOOKS_MARKED = /[*_`#[\]<>|~]|^\s*(?:[-+]|\d+\.)\s|https?:\/\/|\n/m;

export function Description({ text }: { text: string | null }) {
  const [html, setHtml] = useState<{ of: string; html: string } | null>(null);
  useEffect(() => {
    if (!text || !LOOKS_MARKED.test(text)) return;
    let wanted = true;
    import("./markdown.ts").then(
      ({ safeHtml }) => wanted && setHtml({ of: text, html: safeHtml(text) }),
      () => {},
    );
    return () => {
      wanted = false;
    };
  }, [text]);
  if (!text?.trim()) return null;
  if (html?.of === text) {
    // It has been through DOMPurify
    return <div class="marked" dir="auto" dangerouslySetInnerHTML={{ __html: html.html }} />;
  }
  return (
    <p class="about" dir="auto">
      {text}
    </p>
  );
}
