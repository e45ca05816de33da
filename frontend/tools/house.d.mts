export interface House {
  readonly url: string;
  setServer(open: boolean): void;
  stop(): Promise<void>;
}
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly policy: object;
}
export function startHouse(groups?: readonly Group[]): Promise<House>;
export function signIn(url: string, username: string, password: string): Promise<object>;
