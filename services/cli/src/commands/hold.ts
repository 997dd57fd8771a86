import type { Hold, HoldScope } from '@meridian/fleet';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isFleet, isObject } from '../shapes.ts';
import { durationText, oneLine } from '../text.ts';

interface HoldParameters {
  readonly scope: HoldScope;
  readonly name: string | undefined;
  readonly reason: string;
  readonly forMs?: number;
}

/** `meridian hold SCOPE [NAME] --reason TEXT [--for 2h]` */
export const hold: Command<HoldParameters> = async ({ client, printer }, parameters) => {
  const body = bodyOf(parameters);
  const answer = await client().post('/v1/holds', body, isObject);
  if (await printer.machine({ ...body, ...answer })) return exitCodes.ok;
  const end = body.forMs === undefined ? 'until it is released' : `for ${durationText(body.forMs)}`;
  printer.line(`held ${whatText(parameters)} ${end}: nothing more is pushed; agents go on healing`);
  printer.line(`  end it with: meridian release ${commandText(parameters)} --reason "…"`);
  return exitCodes.ok;
};

/** `meridian release SCOPE [NAME] --reason TEXT` */
export const release: Command<HoldParameters> = async ({ client, printer }, parameters) => {
  const body = bodyOf(parameters);
  const answer = await client().post('/v1/holds/release', body, isObject);
  if (await printer.machine({ ...body, ...answer })) return exitCodes.ok;
  printer.line(`released ${whatText(parameters)}: what waits goes on`);
  return exitCodes.ok;
};

/** `meridian holds` */
export const holds: Command<Record<never, never>> = async ({ client, printer }) => {
  const list = (await client().get('/v1/fleet', isFleet)).holds ?? [];
  if (await printer.machine(list)) return exitCodes.ok;
  if (list.length === 0) printer.line('nothing is held');
  for (const one of list) printer.line(holdText(one));
  return exitCodes.ok;
};

/** What is held, by whom, until when, and why. */
export function holdText({ scope, name, author, reason, untilMs }: Hold): string {
  const end = untilMs === undefined ? 'until it is released' : `until ${new Date(untilMs).toISOString()}`;
  const what = name === '' ? scope : `${scope} ${name}`;
  return oneLine(`${what} held by ${author} ${end}: ${reason}`);
}

function bodyOf({ name, ...rest }: HoldParameters) {
  if ((rest.scope === 'fleet') !== (name === undefined))
    throw new CliError(
      exitCodes.usage,
      rest.scope === 'fleet' ? 'the fleet has no name' : `which ${rest.scope}?`,
      rest.scope === 'fleet' ? 'leave the name out' : `name it: meridian hold ${rest.scope} NAME`,
    );
  return { ...rest, ...(name === undefined ? {} : { name }) };
}

function commandText({ scope, name }: HoldParameters): string {
  return name === undefined ? scope : `${scope} ${name}`;
}

function whatText({ scope, name }: HoldParameters): string {
  return name === undefined ? `the ${scope}` : `${scope} ${name}`;
}
