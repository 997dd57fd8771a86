import { findOnPath } from './find-part.ts';

/**
 * A command that the kernel kills when its parent dies, whatever way (prctl PR_SET_PDEATHSIG through util-linux `setpriv`).
 * Where there is no setpriv the command comes back as it was.
 */
export function tieToParent(
  command: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  const setpriv = process.platform === 'linux' ? findOnPath('setpriv') : undefined;
  return setpriv === undefined
    ? { command, args }
    : { command: setpriv, args: ['--pdeathsig', 'KILL', '--', command, ...args] };
}
