import { CliError, exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { ownVersion } from '../own-version.ts';
import { isFleet } from '../shapes.ts';

/** `meridian version`: never fails for want of a hub. */
export const version: Command<object> = async (context) => {
  const answer = { cli: ownVersion(), hub: await hubVersion(context), node: process.versions.node };
  if (await context.printer.machine(answer)) return exitCodes.ok;
  context.printer.line(`meridian ${answer.cli}, hub ${answer.hub ?? 'does not answer'}, node ${answer.node}`);
  return exitCodes.ok;
};

async function hubVersion({ client }: CommandContext): Promise<string | null> {
  try {
    return (await client().get('/v1/fleet', isFleet)).hub.version;
  } catch (error) {
    if (error instanceof CliError) return null;
    throw error;
  }
}
