import type { DoctorView } from '@meridian/fleet';
import { CliError, exitCodes } from '../cli-error.ts';
import type { Command, CommandContext } from '../command.ts';
import { isDoctor } from '../shapes.ts';
import { oneLine } from '../text.ts';

type Check = DoctorView['checks'][number];

/** `meridian doctor`: checks of the way from here, then what the hub checks itself. Exit 1 when one fails. */
export const doctor: Command<object> = async (context) => {
  const checks = [...(await localChecks(context)), ...(await hubChecks(context))];
  const well = checks.every((check) => check.ok);
  if (!(await context.printer.machine({ ok: well, checks }))) draw(context, checks);
  return well ? exitCodes.ok : exitCodes.failed;
};

async function localChecks({ client, connection }: CommandContext): Promise<Check[]> {
  const { urls, token, from } = connection();
  const known: Check = { name: 'connection', ok: true, message: `${urls.join(', ')} from ${from}` };
  const hasToken: Check =
    token === undefined
      ? {
          name: 'token',
          ok: false,
          message: 'no token is known',
          fix: 'name its file: --token-file FILE or MERIDIAN_TOKEN_FILE',
        }
      : { name: 'token', ok: true, message: 'present' };
  const answers = (await client().probe('/v1/fleet')).map(({ url, problem }): Check =>
    problem === undefined
      ? { name: `hub ${url}`, ok: true, message: 'answers' }
      : {
          name: `hub ${url}`,
          ok: false,
          message: problem,
          fix: 'is this hub running? the others serve meanwhile',
        },
  );
  return [known, hasToken, ...answers];
}

async function hubChecks({ client }: CommandContext): Promise<readonly Check[]> {
  try {
    return (await client().get('/v1/doctor', isDoctor)).checks;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [
      {
        name: 'fleet',
        ok: false,
        message: error.message,
        ...(error.fix === undefined ? {} : { fix: error.fix }),
      },
    ];
  }
}

function draw({ printer }: CommandContext, checks: readonly Check[]): void {
  for (const check of checks) {
    const mark = check.ok ? printer.paint('good', 'ok  ') : printer.paint('bad', 'FAIL');
    printer.raw(`${mark} ${oneLine(check.name)}: ${oneLine(check.message)}\n`);
    if (!check.ok && check.fix !== undefined) printer.line(`     fix: ${oneLine(check.fix)}`);
  }
}
