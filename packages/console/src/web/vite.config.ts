import { defineConfig } from 'vite'

/** The output folder is given on the command line: it bears the sources' hash. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { target: 'es2023', sourcemap: false, modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  logLevel: 'warn',
})
