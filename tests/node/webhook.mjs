import { createHmac, timingSafeEqual } from "node:crypto";

/** Returns the message of a webhook, or throws. `body` is the request's, as a string. */
export function verify(secret, headers, body, now = Date.now() / 1000) {
  const [id, time] = [headers["webhook-id"], headers["webhook-timestamp"]];
  if (!(Math.abs(now - Number(time)) <= 300)) throw new Error("too old, or no time");
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const wanted = createHmac("sha256", key).update(`${id}.${time}.${body}`).digest();
  const is_signed = headers["webhook-signature"].split(" ").some((each) => {
    const [version, sent] = each.split(",");
    const found = Buffer.from(sent ?? "", "base64");
    return version === "v1" && found.length === wanted.length && timingSafeEqual(found, wanted);
  });
  if (!is_signed) throw new Error("not signed by this secret");
  return JSON.parse(body);
}
