import { becomeLean } from '@meridian/runtime/lean';
import { cacheDir, sourcesMark } from './compile-cache.ts';

const args = process.argv.slice(2);
const load = () => import('./command.ts');
// A fleet's supervisor lives as long as the fleet, and mostly waits.
if (args.includes('start')) await becomeLean({ env: process.env, cacheDir, sources: sourcesMark() }, load);
const { runCommandLine } = await load();
// Nothing may keep a stopped sandbox alive: everything it started has ended by now.
process.exit(await runCommandLine(args));
