/**
 * As much of Markdown as the posts use: headings, lists, paragraphs, code, emphasis, links within the blog. Takes no HTML: what looks
 * like it is text.
 */
export function html(markdown: string): string {
  return markdown
    .split(/\n{2,}/)
    .map((block) => blockOf(block.trim()))
    .join("\n");
}

function blockOf(block: string): string {
  const heading = /^(#{1,6}) (.*)$/.exec(block);
  if (heading !== null) {
    const [, marks = "", text = ""] = heading;
    return `<h${marks.length}>${inline(text)}</h${marks.length}>`;
  }
  if (!block.startsWith("- ")) return `<p>${inline(block)}</p>`;
  const items = block.split(/^- /m).filter((item) => item !== "");
  return `<ul>${items.map((item) => `<li>${inline(item.trim())}</li>`).join("")}</ul>`;
}

/** Code first: what is in it is not looked at again. */
const inline = (text: string): string =>
  text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith("`") ? `<code>${escaped(part.slice(1, -1))}</code>` : marked(escaped(part)),
    )
    .join("");

const marked = (text: string): string =>
  text
    .replace(/\[([^\]]+)\]\((\/[\w/-]*)\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replace(/\*([^*]+)\*/g, "<em>$1</em>");

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
