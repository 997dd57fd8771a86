/** Test projects in the order they run: what fails fast comes first. */
export const testProjects = [
  'unit',
  'simulation',
  'integration',
  'integration-sim',
  'e2e',
  'journeys',
  'journeys-real',
] as const;

/** Which projects a command line asks for, and the arguments that go on to vitest as they are. */
export interface Selection {
  readonly projects: readonly string[];
  readonly rest: readonly string[];
}

/** Splits the arguments of `npm test --`; without `--project NAME` all projects run. Unknown names are kept. */
export function selectProjects(args: readonly string[]): Selection {
  const projects: string[] = [];
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    const [flag, value] = argument.split(/=(.*)/s, 2);
    if (flag !== '--project' && flag !== '-p') rest.push(argument);
    else if (value !== undefined) projects.push(value);
    else projects.push(args[(index += 1)] ?? '');
  }
  return { projects: projects.length === 0 ? testProjects : projects, rest };
}
