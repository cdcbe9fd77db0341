import { svelte } from "@sveltejs/vite-plugin-svelte";
import { type GzipOptions, gzipSync } from "fflate";
import { defineConfig, type Plugin } from "vite";

// Scripts and styles are served compressed as they were built. fflate is plain
// JavaScript, so every machine produces the same bytes, which zlib does not
// promise. The page itself stays plain: the server fills in its placeholders.
function compress(): Plugin {
  const options: GzipOptions = { level: 9, mtime: 0 };
  return {
    name: "compress",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const [name, file] of Object.entries(bundle)) {
          if (!/\.(js|css|svg)$/.test(name)) {
            continue;
          }
          const source = file.type === "chunk" ? file.code : file.source;
          const plain = typeof source === "string" ? new TextEncoder().encode(source) : source;
          this.emitFile({
            type: "asset",
            fileName: `${name}.gz`,
            source: gzipSync(plain, options),
          });
        }
      },
    },
  };
}

// The agent is loaded by a script, which the browser would have to run before it
// knows. A hint in the page saves that round trip.
function preloadBackend(): Plugin {
  return {
    name: "preload-backend",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) =>
        Object.values(bundle ?? {})
          .filter((file) => file.type === "chunk" && file.name === "backend")
          .map(({ fileName }) => ({
            tag: "link",
            attrs: { rel: "modulepreload", crossorigin: true, href: `/${fileName}` },
            injectTo: "head" as const,
          })),
    },
  };
}

export default defineConfig({
  plugins: [
    svelte({
      compilerOptions: {
        // From the style itself and never from a path: the bundle must not
        // depend on where it was built.
        cssHash: ({ hash, css }) => `s${hash(css)}`,
      },
    }),
    preloadBackend(),
    compress(),
  ],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    // The Content-Security-Policy allows no data: scripts or styles, and the
    // browsers that can do passkeys need no polyfill.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    // `npm run dev` beside a running `ii serve`.
    proxy: { "/api": "http://localhost:4943" },
  },
});
