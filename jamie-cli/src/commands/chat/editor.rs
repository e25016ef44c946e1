//! Line editing with history and completion of names, on a terminal.

use std::path::PathBuf;

use anyhow::Result;
use reedline::{
    ColumnarMenu, DefaultCompleter, DefaultPrompt, DefaultPromptSegment, Emacs, FileBackedHistory, KeyCode,
    KeyModifiers, MenuBuilder, Reedline, ReedlineEvent, ReedlineMenu, Signal, default_emacs_keybindings,
};

/// Questions kept.
const HISTORY: usize = 1_000;
/// The completion menu's name.
const MENU: &str = "names";

/// The place where questions are typed.
pub(super) struct Editor {
    line: Reedline,
    prompt: DefaultPrompt,
}

impl Editor {
    /// An editor that remembers in `history`, where it can, and completes `names`.
    pub(super) fn new(history: Option<PathBuf>, names: Vec<String>) -> Self {
        let mut keys = default_emacs_keybindings();
        keys.add_binding(
            KeyModifiers::NONE,
            KeyCode::Tab,
            ReedlineEvent::UntilFound(vec![ReedlineEvent::Menu(MENU.into()), ReedlineEvent::MenuNext]),
        );
        let mut completer = DefaultCompleter::with_inclusions(&['-', '_', '.', '/']).set_min_word_len(1);
        completer.insert(names);
        let mut line = Reedline::create()
            .with_completer(Box::new(completer))
            .with_menu(ReedlineMenu::EngineCompleter(Box::new(
                ColumnarMenu::default().with_name(MENU),
            )))
            .with_edit_mode(Box::new(Emacs::new(keys)));
        // Without a writable place the talk goes on, it is just not remembered.
        if let Some(history) = history.and_then(|file| FileBackedHistory::with_file(HISTORY, file).ok()) {
            line = line.with_history(Box::new(history));
        }
        let prompt = DefaultPrompt::new(
            DefaultPromptSegment::Basic("jamie".into()),
            DefaultPromptSegment::Empty,
        );
        Self { line, prompt }
    }

    /// The reply to a question of Jamie's; `None` when the person leaves.
    pub(super) fn reply(question: &str) -> Result<Option<String>> {
        use std::io::Write;
        print!("{question}");
        std::io::stdout().flush()?;
        // A plain line: replies are no questions to come back to.
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line)?;
        Ok((read > 0).then_some(line))
    }

    /// The next line; `None` when the person leaves.
    pub(super) fn read(&mut self) -> Result<Option<String>> {
        loop {
            match self.line.read_line(&self.prompt)? {
                Signal::Success(line) => return Ok(Some(line)),
                Signal::CtrlD => return Ok(None),
                // Ctrl-C clears the line, as in a shell.
                _ => {}
            }
        }
    }
}
