import { becomeLean } from '@meridian/runtime/lean';
import { loadLaunchConfig } from './launch/config.ts';

const load = () => import('./run-agent.ts');
await becomeLean(loadLaunchConfig(), load);
const { runAgent } = await load();
process.exitCode = await runAgent();
