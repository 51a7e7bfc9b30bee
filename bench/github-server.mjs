// The calls of GitHub's API that an upload needs, on a free port of loopback, which is printed. It does with an upload what GitHub does:
// reads and hashes it. Like an Enterprise server without limits it announces none. POST /reset forgets everything.
import { createHash } from "node:crypto";
import { createServer } from "node:http";

let releases = [];
let last = 0;

const find = (id) => releases.find((release) => release.id === Number(id));
const assetJson = (asset) => ({ ...asset, state: "uploaded", url: `${base}/asset/${asset.id}`, browser_download_url: `${base}/asset/${asset.id}` });
const releaseJson = (release) => ({ ...release, assets: undefined, html_url: `${base}/page`, upload_url: `${base}/uploads/${release.id}{?name,label}` });

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

async function answer(request) {
  const { pathname, searchParams } = new URL(request.url, base);
  const path = pathname.split("/").slice(1);
  if (request.method === "POST" && path[0] === "uploads") {
    const hash = createHash("sha256");
    let size = 0;
    for await (const part of request) {
      hash.update(part);
      size += part.length;
    }
    const asset = { id: ++last, name: searchParams.get("name"), size, digest: `sha256:${hash.digest("hex")}` };
    find(path[1]).assets.push(asset);
    return [201, assetJson(asset)];
  }
  if (request.method === "POST" && path[0] === "reset") {
    releases = [];
    return [200, {}];
  }
  const [, , , kind, id, what] = path;
  if (request.method === "POST" && kind === "releases") {
    const release = { id: ++last, assets: [], ...JSON.parse(await body(request)) };
    releases.push(release);
    return [201, releaseJson(release)];
  }
  if (kind === undefined) return [200, { full_name: "octo/bench", private: false }];
  if (what === "assets") return [200, find(id).assets.map(assetJson)];
  if (id === undefined) return [200, releases.map(releaseJson)];
  return find(id) ? [200, releaseJson(find(id))] : [404, {}];
}

const server = createServer(async (request, response) => {
  const [status, json] = await answer(request);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(json));
});
let base;
server.listen(0, "127.0.0.1", () => {
  base = `http://127.0.0.1:${server.address().port}`;
  console.log(base);
});
