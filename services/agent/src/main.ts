import { becomeLean } from '@meridian/runtime/lean';
import { loadLaunchConfig } from './launch/config.ts';

const load = () => import('./run-agent.ts');
await becomeLean(loadLaunchConfig(), load);
const { runAgent } = await load();
// A connection to a hub that never answered may be left, and nobody waits for that.
process.exit(await runAgent());
