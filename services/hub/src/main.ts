import { runHub } from './run-hub.ts';

// What is left then is a connection that does not want to end; everything that matters has been closed by its part.
process.exit(await runHub());
