import { readFileSync } from 'node:fs';
import type { Health } from '@meridian/fleet';
import { createSlices } from '@meridian/runtime';
import { startLightAgent } from './light-agent.ts';
import type { LightAgent, LightAgentConfig } from './light-agent.ts';

/** What the bench asks of its light agents, over the channel of the process. */
export type LightAgentsAsk =
  | { readonly kind: 'attached' }
  | { readonly kind: 'have'; readonly application: string }
  | {
      readonly kind: 'become';
      readonly application: string;
      readonly clusters: readonly string[];
      readonly health: Health;
    };

/** How many agents that is true of; for `become`, Unix time in milliseconds just before the first of them said it. */
export interface LightAgentsAnswer {
  readonly value: number;
}

const connectsAtOnce = 8;

/** A process of many light agents. Its argument is a file with a LightAgentConfig for each; it ends when its parent is gone. */
async function main(): Promise<void> {
  const configs = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as readonly LightAgentConfig[];
  const stopping = new AbortController();
  const context = { slices: createSlices(), signal: stopping.signal };
  const agents = new Map<string, LightAgent>();
  const waiting = configs.values();
  const work = async () => {
    for (const config of waiting) agents.set(config.cluster, await startLightAgent(config, context));
  };
  process.once('disconnect', () => process.exit(0));
  await Promise.all(Array.from({ length: connectsAtOnce }, work));
  process.on('message', (ask: LightAgentsAsk) => process.send?.(answer(agents, ask)));
  process.send?.({ value: agents.size } satisfies LightAgentsAnswer);
}

function answer(agents: ReadonlyMap<string, LightAgent>, ask: LightAgentsAsk): LightAgentsAnswer {
  const all = [...agents.values()];
  switch (ask.kind) {
    case 'attached':
      return { value: all.filter((agent) => agent.attached()).length };
    case 'have':
      return { value: all.filter((agent) => agent.has(ask.application)).length };
    case 'become': {
      const value = Date.now();
      for (const cluster of ask.clusters) agents.get(cluster)?.become(ask.application, ask.health);
      return { value };
    }
  }
}

await main();
