// Puts a starter notebook into JupyterLab's launcher. It is a container of module federation, as JupyterLab loads its
// extensions, written by hand: there is nothing to build, and nothing comes from the network.
var _JUPYTERLAB = window._JUPYTERLAB || {};
window._JUPYTERLAB = _JUPYTERLAB;

(() => {
  const NAME = 'siamese-lab';
  const COMMAND = 'siamese-lab:starter';
  let scope;

  // share returns a module that JupyterLab itself has loaded.
  async function share(name) {
    const versions = Object.values(scope[name] || {});
    const chosen = versions.find(v => v.loaded) || versions[0];
    if (!chosen) {
      throw new Error(`${NAME}: JupyterLab shares no ${name}`);
    }
    return (await chosen.get())();
  }

  // freeName returns the name of a notebook that the folder does not have yet.
  async function freeName(contents, folder) {
    const listing = await contents.get(folder, { content: true });
    const taken = new Set(listing.content.map(file => file.name));
    for (let i = 1; ; i++) {
      const name = i === 1 ? 'similarity.ipynb' : `similarity-${i}.ipynb`;
      if (!taken.has(name)) {
        return name;
      }
    }
  }

  async function extension() {
    const [{ ILauncher }, { PageConfig, URLExt }, { LabIcon }] = await Promise.all([
      share('@jupyterlab/launcher'),
      share('@jupyterlab/coreutils'),
      share('@jupyterlab/ui-components')
    ]);
    const base = URLExt.join(PageConfig.getBaseUrl(), 'lab', 'extensions', NAME, 'static');
    const read = async file => {
      const answer = await fetch(URLExt.join(base, file));
      if (!answer.ok) {
        throw new Error(`${file}: ${answer.status} ${answer.statusText}`);
      }
      return answer;
    };
    return {
      id: `${NAME}:starter`,
      autoStart: true,
      optional: [ILauncher],
      activate: async (app, launcher) => {
        const icon = new LabIcon({ name: `${NAME}:logo`, svgstr: await (await read('logo.svg')).text() });
        app.commands.addCommand(COMMAND, {
          label: 'Similarity of a table',
          caption: 'A notebook that opens a table of features, trains an encoder and judges it',
          icon,
          execute: async args => {
            const folder = args.cwd || '';
            const contents = app.serviceManager.contents;
            const notebook = await (await read('starter.json')).json();
            const specs = app.serviceManager.kernelspecs.specs;
            const spec = specs?.kernelspecs[specs.default];
            notebook.metadata.kernelspec = { name: spec.name, display_name: spec.display_name, language: spec.language };
            const name = await freeName(contents, folder);
            const path = folder ? `${folder}/${name}` : name;
            await contents.save(path, { type: 'notebook', format: 'json', content: notebook });
            return app.commands.execute('docmanager:open', { path, factory: 'Notebook' });
          }
        });
        launcher?.add({ command: COMMAND, category: 'Notebook', rank: 1, kernelIconUrl: URLExt.join(base, 'logo.svg') });
      }
    };
  }

  _JUPYTERLAB[NAME] = {
    init: shared => {
      scope = shared;
    },
    get: async module => {
      if (module !== './extension') {
        throw new Error(`${NAME} has no module ${module}`);
      }
      const plugin = await extension();
      return () => ({ __esModule: true, default: plugin });
    }
  };
})();
