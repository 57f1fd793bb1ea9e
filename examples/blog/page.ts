import { actor, unikernel, type Ref, type Self } from "motes";
import type { HttpRequest, HttpResponse } from "motes/door";
import { html } from "./markdown.ts";
import { posts } from "./posts.ts";
import type { Visits } from "./visits.ts";

/** What shows the posts: it needs no network and keeps nothing, so there may be none of it or many. */
const pages = (version: number, style: string) =>
  actor({
    label: `pages-${version}`,
    version,
    init: (self: Self<never>, counter: Ref<Visits>) => ({ self, counter }),
    call: {
      *request({ self, counter }, { method, url }: HttpRequest) {
        if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { allow: "GET, HEAD" } };
        const [path = "/"] = url.split("?");
        const post = posts.get(path);
        if (post === undefined) return page(404, style, "<h1>There is no such post</h1>");
        const visit = yield* self.call(counter, "add", path);
        const footer = `<footer>visit ${visit}, shown by version ${version} in VM ${self.ref.vm}</footer>`;
        return page(200, style, `${html(post)}\n${footer}`);
      },
    },
  });

const page = (status: number, style: string, content: string): HttpResponse => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  body: `<!doctype html>\n<meta charset="utf-8"><title>A quiet blog</title><style>${style}</style>\n${content}\n`,
});

const plain = "body{font:18px/1.6 serif;max-width:38em;margin:3em auto}footer{color:#777}";
const night = `${plain}body{background:#123;color:#eee}a{color:#8cf}`;

export const pagesVm = unikernel({ name: "pages", root: pages(1, plain), memoryMb: 64 });
/** The new design, which goes live while everybody looks. */
export const nightVm = unikernel({ name: "night", root: pages(2, night), memoryMb: 64 });
