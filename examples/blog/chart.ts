/** The show as a picture: VMs, requests and latency over the same time, as one SVG. Knows numbers, and nothing of a blog. */

/** Points in order of time; both in their own units. */
export type Line = readonly (readonly [atMs: number, value: number])[];

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly {
    readonly name: string;
    readonly colour: string;
    readonly line: Line;
    readonly stepped?: boolean;
  }[];
}

/** Something that happened. */
export interface Mark {
  readonly atMs: number;
  readonly text: string;
}

const width = 960;
const left = 70;
const right = 20;
const top = 50;
const panelHeight = 150;
const gap = 46;

export function chart(
  title: string,
  panels: readonly Panel[],
  marks: readonly Mark[],
  endMs: number,
): string {
  const height = top + panels.length * (panelHeight + gap) + 10;
  const x = (atMs: number): number => left + (atMs / endMs) * (width - left - right);
  const parts = panels.map((panel, index) =>
    panelOf(panel, top + gap / 2 + index * (panelHeight + gap), x, endMs),
  );
  const bottom = height - gap;
  const lines = marks.map(
    ({ atMs, text }, index) =>
      `<path d="M${x(atMs).toFixed(1)} ${top}V${bottom}" stroke="#999" stroke-dasharray="2 3"/>` +
      label(x(atMs) + 3, top - 2 + (index % 2) * 11, text, 'font-size="10" fill="#555"'),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    label(left, 24, title, 'font-size="16"'),
    ...lines,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function panelOf(
  { title, unit, lines }: Panel,
  y: number,
  x: (atMs: number) => number,
  endMs: number,
): string {
  const most = Math.max(1, ...lines.flatMap(({ line }) => line.map(([, value]) => value)));
  const bottom = y + panelHeight;
  const height = (value: number): number => bottom - (value / most) * (panelHeight - 16);
  const parts = [
    `<path d="M${left} ${y}V${bottom}H${width - right}" fill="none" stroke="#333"/>`,
    label(left - 8, y + 16, `${rounded(most)}`, 'text-anchor="end"'),
    label(left - 8, bottom, "0", 'text-anchor="end"'),
    label(left + 6, y + 4, `${title} (${unit})`, 'font-weight="bold"'),
  ];
  for (let second = 0; second * 1000 <= endMs; second += endMs > 15_000 ? 5 : 1)
    parts.push(label(x(second * 1000), bottom + 15, `${second} s`, 'text-anchor="middle" fill="#555"'));
  for (const [index, { name, colour, line, stepped = false }] of lines.entries()) {
    const points = line.map(([atMs, value], at) => {
      const [px, py] = [x(atMs).toFixed(1), height(value).toFixed(1)];
      if (at === 0) return `M${px} ${py}`;
      return stepped ? `H${px}V${py}` : `L${px} ${py}`;
    });
    parts.push(`<path d="${points.join("")}" fill="none" stroke="${colour}" stroke-width="1.5"/>`);
    parts.push(label(width - right, y + 4 + index * 14, name, `text-anchor="end" fill="${colour}"`));
  }
  return parts.join("\n");
}

const rounded = (value: number): string =>
  value < 10 ? value.toFixed(1).replace(".0", "") : String(Math.round(value));

const label = (x: number, y: number, text: string, style: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${style}>${escaped(text)}</text>`;

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
