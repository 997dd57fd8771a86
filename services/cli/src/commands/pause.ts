import type { Pause } from '@meridian/fleet';
import { exitCodes } from '../cli-error.ts';
import type { Command } from '../command.ts';
import { isObject } from '../shapes.ts';
import { durationText, oneLine } from '../text.ts';

interface PauseParameters {
  readonly application: string;
  readonly cluster: string;
  readonly forMs: number;
  readonly reason: string;
}

/** `meridian pause APP --cluster C --for 2h --reason TEXT`: the agent changes nothing there until the time is over. */
export const pause: Command<PauseParameters> = async ({ client, printer }, parameters) => {
  const { application, ...body } = parameters;
  const { cluster, forMs } = body;
  const answer = await client().post(pathOf(application, 'pause'), body, isObject);
  if (await printer.machine({ ...parameters, ...answer })) return exitCodes.ok;
  printer.line(
    `paused ${application} in ${cluster} for ${durationText(forMs)}: nothing is written, healed or deleted there; drift is reported`,
  );
  printer.line(
    `  it ends by itself; before that: meridian resume ${application} --cluster ${cluster} --reason TEXT`,
  );
  return exitCodes.ok;
};

/** `meridian resume APP --cluster C --reason TEXT`: what drifted is healed at once. */
export const resume: Command<Omit<PauseParameters, 'forMs'>> = async ({ client, printer }, parameters) => {
  const { application, ...body } = parameters;
  const answer = await client().post(pathOf(application, 'resume'), body, isObject);
  if (await printer.machine({ ...parameters, ...answer })) return exitCodes.ok;
  printer.line(`resumed ${application} in ${body.cluster}: drift is healed again`);
  return exitCodes.ok;
};

/** Who has paused, for how long from now on, and why. */
export function pauseText({ author, untilMs, reason }: Pause, nowMs: number): string {
  return `paused by ${oneLine(author)} for another ${durationText(untilMs - nowMs)}: ${oneLine(reason)}`;
}

const pathOf = (application: string, verb: string): string =>
  `/v1/applications/${encodeURIComponent(application)}/${verb}`;
