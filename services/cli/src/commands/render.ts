import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isRender } from '../shapes.ts';
import { sanitise } from '../text.ts';

/** `meridian render APP --cluster C [--revision R]`: YAML on stdout; `-o json` gives revision and digest with it. */
export const render: Command<{ application: string; cluster: string; revision?: string }> = async (
  { client, printer },
  parameters,
) => {
  const { application, cluster, revision } = parameters;
  const query = new URLSearchParams({ cluster, ...(revision === undefined ? {} : { revision }) });
  const view = await client().get(
    `/v1/applications/${encodeURIComponent(application)}/render?${query.toString()}`,
    isRender,
  );
  if (printer.format === 'json') await printer.machine(view);
  else printer.raw(sanitise(view.yaml.endsWith('\n') ? view.yaml : `${view.yaml}\n`));
  return exitCodes.ok;
};
