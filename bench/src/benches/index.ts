import type { Bench } from '../bench.ts';
import { agentBench } from './agent.ts';
import { fleetBench } from './fleet.ts';
import { kubesimBench } from './kubesim.ts';
import { ledgerBench } from './ledger.ts';
import { resolverBench } from './resolver.ts';
import { rolloutBench } from './rollout.ts';

/** Every bench that `npm run bench` knows. */
export const benches: readonly Bench[] = [
  agentBench,
  fleetBench,
  kubesimBench,
  ledgerBench,
  resolverBench,
  rolloutBench,
];
