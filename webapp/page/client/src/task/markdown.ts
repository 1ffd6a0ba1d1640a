// Markdown as HTML that can do no harm: no script, no style, no picture from elsewhere.
import createPurifier from "dompurify";
import { Marked, Renderer } from "marked";

const TAGS = [
  ...["p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "a", "ul", "ol", "li"],
  ...["table", "thead", "tbody", "tr", "th", "td"],
];
const plain = new Renderer();
// The page has headings of its own; a picture is a link to it.
plain.heading = function ({ tokens }) {
  return `<p><strong>${this.parser.parseInline(tokens)}</strong></p>`;
};
plain.image = ({ href, text }) => `<a href="${href.replaceAll('"', "%22")}">${text || href}</a>`;
// HTML is no Markdown: it is shown as it was written.
plain.html = ({ text }) => (/^<br\s*\/?>$/i.test(text.trim()) ? "<br>" : escaped(text));
plain.checkbox = ({ checked }) => (checked ? "☑ " : "☐ ");

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const marked = new Marked({ gfm: true, breaks: true, async: false, renderer: plain });
const purifier = createPurifier(window);
purifier.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A" || !node.hasAttribute("href")) return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

export function safeHtml(text: string): string {
  return purifier.sanitize(marked.parse(text) as string, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "start"],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
}
