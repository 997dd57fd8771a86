import { processIo } from './io.ts';
import { runCli } from './program.ts';

const io = processIo();
const exitCode = await runCli(process.argv.slice(2), io);
process.exitCode ??= exitCode;
