// The line between the browser and the program: it can be cut, and it can fall silent.
import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';

/** What a browser says when the line is cut. */
export const NO_NETWORK = [/ERR_(EMPTY_RESPONSE|CONNECTION_\w+|INTERNET_DISCONNECTED|SOCKET_NOT_CONNECTED)/, /WebSocket connection to/];

interface Connection {
  near: Socket;
  far: Socket;
  /** Whether it carries a WebSocket. */
  isSocket: boolean;
}

export class Line {
  private readonly server: Server;
  private readonly connections = new Set<Connection>();
  private isCut = false;
  private isSilent = false;

  private constructor(private readonly port: number) {
    this.server = createServer((near) => this.join(near));
  }

  /** A line to the program on this port. */
  static async to(port: number): Promise<Line> {
    const line = new Line(port);
    line.server.listen(0, '127.0.0.1');
    await once(line.server, 'listening');
    return line;
  }

  /** The program's address at this end of the line. */
  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** The router loses its power: all connections break, new ones are refused. */
  cut(): void {
    this.isCut = true;
    this.breakAll();
  }

  /** The lift's door closes: nothing breaks, nothing comes through. */
  silence(): void {
    this.isSilent = true;
    for (const connection of this.connections) hush(connection);
  }

  /** Good again. A WebSocket that fell silent stays so, as after a change of networks; browsers drop other
   * connections by themselves then. */
  mend(): void {
    this.isCut = false;
    this.isSilent = false;
    for (const connection of this.connections) if (!connection.isSocket) connection.near.destroy();
  }

  remove(): void {
    this.breakAll();
    this.server.close();
  }

  private breakAll(): void {
    for (const { near, far } of this.connections) {
      near.destroy();
      far.destroy();
    }
  }

  private join(near: Socket): void {
    const far = connect(this.port, '127.0.0.1');
    const connection = { near, far, isSocket: false };
    this.connections.add(connection);
    const end = () => {
      this.connections.delete(connection);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    if (this.isCut) return end();
    near.on('data', (bytes) => {
      connection.isSocket ||= bytes.subarray(0, 8).toString('latin1') === 'GET /ws/';
    });
    near.pipe(far);
    far.pipe(near);
    if (this.isSilent) hush(connection);
  }
}

function hush({ near, far }: Connection): void {
  near.unpipe(far).pause();
  far.unpipe(near).pause();
}
