// Builds the dashboard: src/dashboard → dist/dashboard. The page is served by the Worker, whatever the path below
// /dashboard; the files below dashboard/assets/ are served as they are. The files of assets/ are copied beside it, for the Worker.
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/dashboard',
  base: '/',
  publicDir: '../documents/assets',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    assetsDir: 'dashboard/assets',
    assetsInlineLimit: 0,
    target: 'es2023',
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
