import { flushCompileCache } from 'node:module';
import { keepCompiled } from './launch/config.ts';

keepCompiled();
const { runHub } = await import('./run-hub.ts');
// Now, because a hub that is killed writes nothing at its end.
flushCompileCache();
// What is left then is a connection that does not want to end; everything that matters has been closed by its part.
process.exit(await runHub());
