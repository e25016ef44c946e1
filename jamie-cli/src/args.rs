//! What the user typed, as types; the doc comments are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::terminal::Colour;

/// Ask Jamie, your DevOps mate, how your apps are doing.
#[derive(Debug, Parser)]
#[command(name = "jamie", version, about, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Cli {
    /// Where to look, and how to say it.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0   answered
  1   something is wrong (diagnose --exit-code), or an evaluation fell short
  2   the command or the question makes no sense as given
  3   no such thing, or several things of that name
  4   not allowed, or not known to the server
  5   the server cannot be reached, is failing, or did not answer in time
  6   a configuration or kubeconfig file is wrong or missing
  70  a fault in Jamie";

/// Flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Global {
    /// The kubeconfig's context
    #[arg(long, global = true, value_name = "NAME", help_heading = "Where to look")]
    pub(crate) context: Option<String>,
    /// The namespace to look in first
    #[arg(short, long, global = true, value_name = "NS", help_heading = "Where to look")]
    pub(crate) namespace: Option<String>,
    /// The kubeconfig file
    #[arg(long, global = true, value_name = "FILE", help_heading = "Where to look")]
    pub(crate) kubeconfig: Option<PathBuf>,
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE", help_heading = "Where to look")]
    pub(crate) config: Option<PathBuf>,
    /// How the answer is written
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        help_heading = "How to say it"
    )]
    pub(crate) output: Output,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        help_heading = "How to say it"
    )]
    pub(crate) color: Colour,
    /// Answer without banter
    #[arg(long, global = true, help_heading = "How to say it")]
    pub(crate) plain: bool,
    /// No language model, even where there is one
    #[arg(long, global = true, help_heading = "How to say it")]
    pub(crate) offline: bool,
    /// Say more of what goes on, on standard error (-v, -vv)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "How to say it")]
    pub(crate) verbose: u8,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Output {
    /// Laid out for a terminal
    #[default]
    Text,
    /// Markdown
    Markdown,
    /// One JSON object
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask one question, in plain words
    #[command(after_help = "Example: jamie ask -n shop why is checkout crashing?")]
    Ask(Ask),
    /// Talk with Jamie: one question a line
    Chat,
    /// See Jamie at work on a simulated estate, no cluster needed
    Demo(Question),
    /// How is everything?
    Status,
    /// Find out what is wrong with something, or with everything
    Diagnose(Diagnose),
    /// The log of a workload, a pod or a container
    Logs(Logs),
    /// What the cluster has reported lately
    Events(Events),
    /// What uses the most processor or memory
    Top(Top),
    /// Why a pod cannot be placed, node by node
    WhyPending(Name),
    /// Whether one thing can reach another, hop by hop
    CanReach(CanReach),
    /// What changed lately
    Changes(Changes),
    /// Changes that await a decision, and what became of the others
    Actions {
        /// What to do with them; the list without one.
        #[command(subcommand)]
        action: Option<Actions>,
    },
    /// What is remembered: how much, all about a person, and how to have it erased
    Memory {
        /// What to do with it; its size without one.
        #[command(subcommand)]
        action: Option<MemoryAction>,
    },
    /// The guides and runbooks that answers cite
    Knowledge {
        /// What to do with them; the list without one.
        #[command(subcommand)]
        action: Option<KnowledgeAction>,
    },
    /// Questions that had no good answer, and how to teach one
    Gaps {
        /// What to do with them; the list without one.
        #[command(subcommand)]
        action: Option<GapsAction>,
    },
    /// Say what you think of the last answer that you got
    Feedback(FeedbackArgs),
    /// Check the set-up: what can be reached, what is not allowed, what to do
    Doctor,
    /// Find the language model, say what it can do, and have it say a word
    Models,
    /// Show or write the configuration
    Config {
        /// What to do with it.
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Measure accuracy over a folder of scenarios
    Eval(Eval),
    /// Serve the simulated estate for kubectl and other clients; --kubeconfig FILE writes one for them
    Sim(Sim),
    /// Print shell completions
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// `jamie ask`
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The question.
    #[command(flatten)]
    pub(crate) question: Question,
    /// Carry out what is asked for without asking back, where policy lets you approve it
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Print what a model would be told, and how many tokens that is, instead of an answer
    #[arg(long, conflicts_with = "yes")]
    pub(crate) explain_prompt: bool,
}

/// `jamie actions`
#[derive(Debug, Subcommand)]
pub(crate) enum Actions {
    /// What awaits a decision, and what was carried out lately
    List,
    /// One change in full: what, why, how far it reaches, what happened to it
    Show {
        /// Its id
        id: String,
    },
    /// Have it carried out, exactly as shown
    Approve {
        /// Its id
        id: String,
    },
    /// Turn it down
    Refuse {
        /// Its id
        id: String,
        /// Why
        #[arg(value_name = "REASON")]
        reason: Vec<String>,
    },
}

/// `jamie memory`
#[derive(Debug, Subcommand)]
pub(crate) enum MemoryAction {
    /// Where it is, and how much there is of what
    Status,
    /// Build the search index anew from the records
    Rebuild,
    /// Everything that is kept about a person, as JSON
    Export {
        /// Their id; you without one
        #[arg(value_name = "PERSON")]
        person: Option<String>,
    },
    /// Erase everything about a person; what belongs to everybody loses their name
    Forget {
        /// Their id; you without one
        #[arg(value_name = "PERSON")]
        person: Option<String>,
        /// Do not ask first
        #[arg(short, long)]
        yes: bool,
    },
}

/// `jamie gaps`
#[derive(Debug, Subcommand)]
pub(crate) enum GapsAction {
    /// All of them, asked most often first
    List,
    /// What came up lately
    Digest {
        /// So many days
        #[arg(long, value_name = "DAYS", default_value_t = 7)]
        days: u32,
    },
    /// Answer one from now on
    Teach {
        /// Its number in the list
        #[arg(value_name = "NO")]
        number: usize,
        /// The answer
        #[arg(value_name = "ANSWER", required = true)]
        answer: Vec<String>,
    },
}

/// `jamie feedback`
#[derive(Debug, Args)]
pub(crate) struct FeedbackArgs {
    /// Good or bad
    #[arg(value_enum)]
    pub(crate) thumb: Thumb,
    /// Why
    #[arg(value_name = "COMMENT")]
    pub(crate) comment: Vec<String>,
    /// What would have been right
    #[arg(long, value_name = "ANSWER")]
    pub(crate) correction: Option<String>,
}

/// A verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Thumb {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

/// `jamie knowledge`
#[derive(Debug, Subcommand)]
pub(crate) enum KnowledgeAction {
    /// All documents
    List,
    /// One document, whole
    Show {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// The passages that fit some words best
    Search {
        /// The words
        #[arg(value_name = "WORDS", required = true)]
        words: Vec<String>,
    },
    /// Put a file in: Markdown, HTML, PDF or plain text; a newer edition replaces the older
    Add {
        /// The file; `-` is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// What to call it; the file's name without one
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Take a document out
    Remove {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Bring the documents in line with a folder or a git checkout
    Sync {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// What to call the collection; the folder's name without one
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Check guides: files and folders of them, or the built-in ones
    Lint {
        /// The files and folders
        #[arg(value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

/// A question in plain words.
#[derive(Debug, Args)]
pub(crate) struct Question {
    /// The words; they need no quotes
    #[arg(value_name = "QUESTION")]
    pub(crate) words: Vec<String>,
}

/// Something by its name.
#[derive(Debug, Args)]
pub(crate) struct Name {
    /// The name, as you would say it: api, deployment/api, shop/api
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// `jamie diagnose`
#[derive(Debug, Args)]
pub(crate) struct Diagnose {
    /// What to look at: a workload, pod, service, host name, node, claim, job, namespace; nothing for everything
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// Exit with 1 when something is wrong
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// `jamie logs`
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// Whose log
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// Only this container
    #[arg(short, long)]
    pub(crate) container: Option<String>,
    /// The container before the last restart
    #[arg(short, long)]
    pub(crate) previous: bool,
    /// Keep printing as lines come in; ends with Ctrl-C
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// The last so many lines
    #[arg(long, value_name = "LINES")]
    pub(crate) tail: Option<u32>,
    /// Only lines newer than this: 15m, 2h, "yesterday 14:00"
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only lines that match this regular expression
    #[arg(short, long, value_name = "REGEX")]
    pub(crate) grep: Option<String>,
    /// No lines that match this regular expression
    #[arg(long, value_name = "REGEX")]
    pub(crate) exclude: Option<String>,
    /// A summary of the errors instead of the lines
    #[arg(long)]
    pub(crate) errors: bool,
}

/// `jamie events`
#[derive(Debug, Args)]
pub(crate) struct Events {
    /// Only about this
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// Only newer than this: 15m, 2h, "yesterday 14:00"
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
}

/// `jamie top`
#[derive(Debug, Args)]
pub(crate) struct Top {
    /// Of what
    #[arg(value_enum, default_value_t)]
    pub(crate) what: TopWhat,
}

/// What `jamie top` ranks.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum TopWhat {
    /// Pods
    #[default]
    Pods,
    /// Nodes
    Nodes,
}

/// `jamie can-reach`
#[derive(Debug, Args)]
pub(crate) struct CanReach {
    /// Who calls
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// What is called
    #[arg(value_name = "TO")]
    pub(crate) to: String,
    /// On which port
    #[arg(long)]
    pub(crate) port: Option<u16>,
}

/// `jamie changes`
#[derive(Debug, Args)]
pub(crate) struct Changes {
    /// Only of this
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// Only newer than this: 2h, thursday, "yesterday 14:00"
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<String>,
}

/// `jamie config`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Every setting, its value, and where that came from
    Show,
    /// Write a commented file with every setting at its default
    Init {
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
}

/// `jamie eval`
#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// A folder of scenario files; the built-in library without one
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Only scenarios whose name or category contains this
    #[arg(long, value_name = "WORD")]
    pub(crate) only: Option<String>,
    /// Print the answers that fell short
    #[arg(long)]
    pub(crate) show: bool,
    /// Take the way through a model: a simulated one that explains the facts it is given
    #[arg(long, conflicts_with = "actions")]
    pub(crate) with_model: bool,
    /// Put what people ask to have done, and judge the state afterwards
    #[arg(long)]
    pub(crate) actions: bool,
    /// Hold conversations over several talks that need memory; DIR is then a folder of conversations
    #[arg(long, conflicts_with_all = ["actions", "with_model"])]
    pub(crate) memory: bool,
}

/// `jamie sim`
#[derive(Debug, Args)]
pub(crate) struct Sim {
    /// A built-in scenario or a scenario file
    #[arg(value_name = "SCENARIO", default_value = "demo")]
    pub(crate) scenario: String,
    /// The port to listen on, on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Serve TLS, so that clients send bearer tokens
    #[arg(long)]
    pub(crate) tls: bool,
    /// List the built-in scenarios
    #[arg(long)]
    pub(crate) list: bool,
}
