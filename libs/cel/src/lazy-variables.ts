/** The variables of a policy for one request: each is worked out when it is first asked for. */
export class LazyVariables extends Map<string, unknown> {
  readonly #work: (name: string) => unknown;

  constructor(work: (name: string) => unknown) {
    super();
    this.#work = work;
  }

  override get(name: string): unknown {
    if (!this.has(name)) this.set(name, this.#work(name));
    return super.get(name);
  }
}
