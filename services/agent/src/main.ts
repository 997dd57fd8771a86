import { loadLaunchConfig } from './launch/config.ts';
import { becomeLean } from './launch/lean.ts';

const load = () => import('./run-agent.ts');
await becomeLean(loadLaunchConfig(), load);
const { runAgent } = await load();
process.exitCode = await runAgent();
