import { key } from "motes";

/** What `motes build --key port=80` and `motes run --key` set: constants in the image. */

export const port = key.number(8080, "where the blog listens; 0 is any free port");
export const hostname = key.string("127.0.0.1", "the address it listens on");
