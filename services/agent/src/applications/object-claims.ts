/** Which application may write which object, so that two that name one object do not undo each other for ever. */
export interface ObjectClaims {
  /** Takes a free object for the application; gives the name of whoever has it, which is the application itself on success. */
  claim(id: string, application: string): string;
  /** Gives up an object, if the application has it. */
  release(id: string, application: string): void;
  /** Gives an object that the application has, or that nobody has, to an heir; false when it was not to give. */
  handOver(id: string, application: string, heir: string): boolean;
  /** Who gave this object to the application that has written it now; tells it once. */
  giverOf(id: string): string | undefined;
  ownerOf(id: string): string | undefined;
}

/** Claims of one agent; first come, first served. Inventories are claimed at start, before anything new. */
export function createObjectClaims(): ObjectClaims {
  const owners = new Map<string, string>();
  const givers = new Map<string, string>();
  return {
    claim(id, application) {
      const owner = owners.get(id) ?? application;
      owners.set(id, owner);
      return owner;
    },
    release(id, application) {
      if (owners.get(id) === application) owners.delete(id);
    },
    handOver(id, application, heir) {
      if ((owners.get(id) ?? application) !== application) return false;
      owners.set(id, heir);
      givers.set(id, application);
      return true;
    },
    giverOf(id) {
      const giver = givers.get(id);
      givers.delete(id);
      return giver;
    },
    ownerOf: (id) => owners.get(id),
  };
}
