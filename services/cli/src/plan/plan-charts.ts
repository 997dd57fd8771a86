import { KeptOutputs, Turns, type Helm } from '@meridian/helm';
import type { ChartRenderer } from '@meridian/rendering';

/** Helm takes a core while it runs. A slow chart gives its turn to those of other applications. */
const slow = { slowMs: 3_000, most: 8 };

/** Renders charts by the helm of this machine: each output once, `places` at once, applications in turn. */
export function chartsByTurns(helm: () => Promise<Helm>, places: number): ChartRenderer {
  const outputs = new KeptOutputs();
  const turns = new Turns({ places, ...slow });
  return {
    render: ({ application, chart, contentOf }, signal) => {
      const render = async () => {
        const content = await contentOf();
        if ('errors' in content) return content;
        const output = async () => (await helm()).render({ ...chart, ...content }, signal);
        return turns.take(application, output, signal);
      };
      return outputs.obtain(chart.key, render, signal);
    },
  };
}
