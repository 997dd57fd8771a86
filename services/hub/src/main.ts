import { enableCompileCache, flushCompileCache } from 'node:module';
import { compileCacheDir } from './launch/config.ts';

// A hub leads again the sooner the less it has to compile; one that is killed writes nothing at its end, so it is written now.
const cacheDir = compileCacheDir();
if (cacheDir !== undefined) enableCompileCache(cacheDir);
const { runHub } = await import('./run-hub.ts');
flushCompileCache();
// What is left then is a connection that does not want to end; everything that matters has been closed by its part.
process.exit(await runHub());
